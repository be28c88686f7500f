/**
 * How an answer is sampled, what tools it may call, and the schema that it is held to.
 */
export interface Settings {
  model: string;
  system: string;
  temperature: string;
  topP: string;
  maxTokens: string;
  seed: string;
  tools: string;
  schema: string;
}

export const SETTINGS: Settings = {
  ...{ model: '', system: '', temperature: '0.8', topP: '0.95', maxTokens: '128', seed: '' },
  ...{ tools: '', schema: '' },
};

/** The fields of a request. Throws: Error with words for the user. */
export function settingsBody(settings: Settings): Record<string, unknown> {
  const { model, temperature, topP, maxTokens, seed, tools, schema } = settings;
  const given: [string, string, string][] = [
    ['temperature', 'temperature', temperature],
    ['top_p', 'top p', topP],
    ['max_tokens', 'tokens', maxTokens],
    ['seed', 'seed', seed],
  ];
  const numbers = given
    .filter(([, , text]) => text.trim() !== '')
    .map(([field, name, text]) => [field, number(name, text)]);
  const parsedSchema = json('schema', schema);
  return {
    model,
    ...(Object.fromEntries(numbers) as object),
    ...(tools.trim() === '' ? {} : { tools: json('tools', tools) }),
    ...(parsedSchema === undefined
      ? {}
      : {
          response_format: {
            type: 'json_schema',
            json_schema: { name: 'answer', strict: true, schema: parsedSchema },
          },
        }),
  };
}

function number(name: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value)) return value;
  throw new Error(`${name}: ${text} is no number`);
}

function json(name: string, text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message}`, { cause: error });
  }
}

const NUMBERS = [
  ['temperature', 'Temperature'],
  ['topP', 'Top p'],
  ['maxTokens', 'Tokens at most'],
  ['seed', 'Seed'],
] as const;

export function SettingsForm({
  settings,
  models,
  onChange,
}: {
  settings: Settings;
  models: readonly string[];
  onChange: (settings: Settings) => void;
}) {
  const set = (field: keyof Settings, value: string): void =>
    onChange({ ...settings, [field]: value });
  return (
    <>
      <div class="fields">
        <label>
          Model
          <select
            value={settings.model}
            onChange={(event) => set('model', event.currentTarget.value)}
          >
            {models.map((id) => (
              <option key={id} value={id}>
                {id}
              </option>
            ))}
          </select>
        </label>
        {NUMBERS.map(([field, name]) => (
          <label key={field}>
            {name}
            <input
              inputMode="decimal"
              value={settings[field]}
              onInput={(event) => set(field, event.currentTarget.value)}
            />
          </label>
        ))}
      </div>
      <details>
        <summary>System message, tools, schema</summary>
        <Area
          name="System message"
          value={settings.system}
          onText={(text) => set('system', text)}
        />
        <Area
          name="Tools, a JSON list as OpenAI's interface takes it"
          value={settings.tools}
          onText={(text) => set('tools', text)}
          isCode
        />
        <Area
          name="JSON Schema that the answer is held to"
          value={settings.schema}
          onText={(text) => set('schema', text)}
          isCode
        />
      </details>
    </>
  );
}

function Area({
  name,
  value,
  onText,
  isCode = false,
}: {
  name: string;
  value: string;
  onText: (text: string) => void;
  isCode?: boolean;
}) {
  return (
    <label>
      {name}
      <textarea
        class={isCode ? 'code' : ''}
        spellcheck={!isCode}
        value={value}
        onInput={(event) => onText(event.currentTarget.value)}
      />
    </label>
  );
}
