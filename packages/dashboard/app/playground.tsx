/**
 * A chat with the model: what was said, what is asked, and how the last answer came to be.
 */
import { useEffect, useRef, useState } from 'preact/hooks';
import { NO_ANSWER, streamAnswer } from './answer.ts';
import type { Answer, Message } from './answer.ts';
import { ask } from './server.ts';
import { SETTINGS, SettingsForm, settingsBody } from './settings.tsx';
import { Tokens } from './tokens.tsx';

const TOP = 5;

export function Playground({ serverKey }: { serverKey: string }) {
  const models = useModels(serverKey);
  const [settings, setSettings] = useState(SETTINGS);
  const [messages, setMessages] = useState<readonly Message[]>([]);
  const [question, setQuestion] = useState('');
  const [answer, setAnswer] = useState<Answer>(NO_ANSWER);
  const [error, setError] = useState('');
  const running = useRef<AbortController>(undefined);
  const [isRunning, setRunning] = useState(false);
  useEffect(() => () => running.current?.abort(), []);
  const chosen = { ...settings, model: settings.model || (models.ids[0] ?? '') };

  const send = async (): Promise<void> => {
    if (question.trim() === '' || isRunning) return;
    const asked: Message[] = [...messages, { role: 'user', content: question }];
    const own = new AbortController();
    running.current = own;
    let content = '';
    try {
      const { system } = chosen;
      const first: Message[] = system.trim() === '' ? [] : [{ role: 'system', content: system }];
      const body = {
        ...settingsBody(chosen),
        ...{ messages: [...first, ...asked], stream: true, logprobs: true, top_logprobs: TOP },
      };
      setError('');
      setRunning(true);
      setMessages(asked);
      setQuestion('');
      setAnswer(NO_ANSWER);
      const last = await streamAnswer(body, own.signal, (now) => {
        content = now.content;
        setAnswer(now);
      });
      setMessages([...asked, { role: 'assistant', content: last.content }]);
    } catch (failure) {
      const isStopped = own.signal.aborted;
      if (isStopped && running.current !== own) return;
      // A question without an answer is no turn of the next chat.
      setMessages(content === '' ? messages : [...asked, { role: 'assistant', content }]);
      if (content === '') setQuestion(question);
      if (!isStopped) setError((failure as Error).message);
    } finally {
      setRunning(false);
    }
  };
  const clear = (): void => {
    const own = running.current;
    running.current = undefined;
    own?.abort();
    setMessages([]);
    setAnswer(NO_ANSWER);
  };
  return (
    <>
      <section>
        <h2>Chat</h2>
        <Talk messages={messages} answer={isRunning ? answer : undefined} />
        {error === '' && models.error === '' ? null : (
          <p class="error" role="alert">
            {error || models.error}
          </p>
        )}
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void send();
          }}
        >
          <label>
            Message (Ctrl+Enter sends)
            <textarea
              id="question"
              value={question}
              onInput={(event) => setQuestion(event.currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void send();
              }}
            />
          </label>
          <div class="row">
            <button class="main" type="submit" disabled={isRunning || chosen.model === ''}>
              Send
            </button>
            <button type="button" disabled={!isRunning} onClick={() => running.current?.abort()}>
              Stop
            </button>
            <button type="button" onClick={clear}>
              Clear
            </button>
          </div>
        </form>
        <SettingsForm settings={chosen} models={models.ids} onChange={setSettings} />
      </section>
      <section>
        <h2>The last answer</h2>
        <AnswerFigures answer={answer} />
        <Tokens tokens={answer.tokens} />
      </section>
    </>
  );
}

function Talk({ messages, answer }: { messages: readonly Message[]; answer: Answer | undefined }) {
  const all = answer ? [...messages, { role: 'assistant', content: answer.content }] : messages;
  if (all.length === 0) return <p class="quiet">Nothing was said yet.</p>;
  return (
    <div role="log" aria-label="Messages">
      <ol class="talk">
        {all.map(({ role, content }, i) => (
          <li key={i}>
            <span class="who">{role}</span>
            <p class="what">{content}</p>
          </li>
        ))}
      </ol>
    </div>
  );
}

function AnswerFigures({ answer }: { answer: Answer }) {
  const { ttftMs, tokensPerSecond, tokens, finish, calls, reasoning } = answer;
  const entries: readonly [string, string][] = [
    ['first token', ttftMs === undefined ? '–' : `${ttftMs.toFixed(0)} ms`],
    ['tokens/s', tokensPerSecond === undefined ? '–' : tokensPerSecond.toFixed(1)],
    ['tokens', String(tokens.length)],
    ['ended by', finish ?? '–'],
  ];
  return (
    <>
      <dl class="figures" id="answer-figures">
        {entries.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {reasoning === '' ? null : (
        <details>
          <summary>Reasoning</summary>
          <p class="what">{reasoning}</p>
        </details>
      )}
      {calls.map((call, i) => (
        <p key={i} class="code">{`calls ${call.name}(${call.arguments})`}</p>
      ))}
    </>
  );
}

/** Names of the models that are served. */
function useModels(serverKey: string): { ids: readonly string[]; error: string } {
  const [models, setModels] = useState({ ids: [] as string[], error: '' });
  useEffect(() => {
    const end = new AbortController();
    ask('/v1/models', { signal: end.signal })
      .then((response) => response.json() as Promise<{ data: { id: string }[] }>)
      .then(
        ({ data }) => setModels({ ids: data.map(({ id }) => id), error: '' }),
        (error: Error) => {
          if (!end.signal.aborted) setModels({ ids: [], error: error.message });
        },
      );
    return () => end.abort();
  }, [serverKey]);
  return models;
}
