/**
 * The small model as one that calls tools, as Hermes writes its calls.
 */
import { openModel, Wafer } from '@wafer/runtime';
import { RESTARTS_DEFAULT } from '@wafer/server';
import type { ServedModelSpec } from '@wafer/server';
import { STORIES_260K } from '../golden/stories.ts';

const TEMPLATE =
  '{% for t in tools or [] %}{{ t.function.name }} {% endfor %}' +
  '{% for m in messages %}{{ m.content }}{% endfor %}{# <tool_call> #}';

/** The model `tools`. */
export function toolsSpec(): ServedModelSpec {
  return {
    ...{ id: 'tools', isPinned: true, idleMs: 60_000, restarts: RESTARTS_DEFAULT },
    start: async () => {
      const model = await openModel(STORIES_260K);
      const given = model.tokenizer!;
      const tokenizerConfig = { ...(given.tokenizerConfig as object), chat_template: TEMPLATE };
      const tokenizer = { ...given, tokenizerConfig };
      return Wafer.start({ model: { ...model, tokenizer }, sequences: 16 });
    },
  };
}
