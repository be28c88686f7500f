/**
 * How many questions a model answers right: word for word, greedily; or by the likeliest choice.
 *
 * The likeliest is the one of the largest sum of log-probabilities, given the question. Space
 * around an answer does not count.
 */
import type { Wafer } from '@wafer/runtime';
import type { Question } from '@wafer/train';

/** What came of one question. */
export interface Answered {
  question: Question;
  /** The text that was written, or the number of the choice. */
  given: string | number;
  isRight: boolean;
}

/** More tokens than the right answer has: enough to see that a model does not stop. */
const TOKENS_MORE = 8;

/** Questions under way at once: the queue of a wafer has bounds. */
const AT_ONCE = 16;

/** Asks all questions, several at a time. */
export async function answerAll(wafer: Wafer, questions: readonly Question[]): Promise<Answered[]> {
  const answered: Answered[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < questions.length) {
      const i = next++;
      const question = questions[i]!;
      const given = await answerTo(wafer, question);
      const wanted = question.kind === 'choice' ? question.answer : question.answer.trim();
      answered[i] = { question, given, isRight: given === wanted };
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return answered;
}

async function answerTo(wafer: Wafer, question: Question): Promise<string | number> {
  if (question.kind === 'choice') return likeliest(wafer, question);
  const maxTokens =
    wafer.tokenizer.encode(question.answer, { addBegin: false }).length + TOKENS_MORE;
  const options = { maxTokens, temperature: 0 };
  let text = '';
  if (question.kind === 'text') {
    for await (const piece of wafer.generate(question.prompt, options)) text += piece.text;
  } else {
    for await (const { piece } of wafer.chat(question.messages, options)) text += piece.text;
  }
  return text.trim();
}

async function likeliest(
  wafer: Wafer,
  { prompt, choices }: Extract<Question, { kind: 'choice' }>,
): Promise<number> {
  const asked = wafer.encode(prompt);
  const sums = await Promise.all(
    choices.map(async (choice) => {
      const tokens = wafer.tokenizer.encode(choice, { addBegin: false });
      const scores = await wafer.score([...asked, ...tokens]);
      return scores.slice(-tokens.length).reduce((sum, { logprob }) => sum + logprob, 0);
    }),
  );
  return sums.reduce((best, sum, i) => (sum > sums[best]! ? i : best), 0);
}
