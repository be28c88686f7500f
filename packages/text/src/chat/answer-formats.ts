/**
 * The formats of answers, and which one a model uses: told by what its template and vocabulary
 * contain, never by its name.
 */
import { DeltaBuilder, type AnswerFormat } from './answer-parser.ts';
import { COMMAND, DEEPSEEK, GRANITE, PHI } from './block-formats.ts';
import { GLM } from './glm.ts';
import { HARMONY } from './harmony.ts';
import { LLAMA } from './llama.ts';
import { MISTRAL } from './mistral.ts';
import { QWEN } from './qwen.ts';

/** Everything is content. */
const PLAIN: AnswerFormat = {
  name: 'plain',
  isUsedBy: () => true,
  calls: () => undefined,
  parser: () => {
    const delta = new DeltaBuilder();
    return {
      push: (text) => {
        delta.add('content', text);
        return delta.take();
      },
      finish: () => delta.take(),
    };
  },
};

/**
 * The first that fits is used: GLM's tags are Qwen's and more, DeepSeek thinks as Qwen does, and
 * Granite's opening is Phi's.
 */
export const ANSWER_FORMATS: readonly AnswerFormat[] = [
  ...[HARMONY, MISTRAL, DEEPSEEK, COMMAND, PHI, GRANITE],
  ...[GLM, QWEN, LLAMA, PLAIN],
];

/** The format of a model's answers. */
export function answerFormat(facts: Parameters<AnswerFormat['isUsedBy']>[0]): AnswerFormat {
  return ANSWER_FORMATS.find((format) => format.isUsedBy(facts)) ?? PLAIN;
}
