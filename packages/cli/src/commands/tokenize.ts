/**
 * `wafer tokenize MODEL TEXT` and `wafer detokenize MODEL IDS`: a model's tokenizer alone.
 */
import type { Command } from 'commander';
import { WaferError } from '@wafer/core';
import { createTokenizer } from '@wafer/text';
import { readText } from '../flags/input-text.ts';
import { openNamedModel } from '../models/named-model.ts';
import { readTokens } from '../flags/option-values.ts';
import type { Terminal } from '../terminal/terminal.ts';

const EXAMPLES = `
Examples:
  wafer tokenize ./model "Once upon a time"
  wafer tokenize ./model --file story.txt --json
  wafer detokenize ./model 1,403,407`;

type Tokenizer = ReturnType<typeof createTokenizer>;

export function addTokenize(program: Command, terminal: Terminal): void {
  program
    .command('tokenize')
    .summary('text to token ids')
    .description('Prints the token ids of a text, with the begin token if the model wants one.')
    .argument('<model>', 'folder, .gguf file, name or synthetic:15m')
    .argument('[text]', 'text; - reads standard input (a last line end is left out)')
    .option('--file <file>', 'read the text from a file')
    .option('--json', 'print one JSON object: ids, and the text of each')
    .addHelpText('after', EXAMPLES)
    .action(
      async (model: string, text: string | undefined, flags: { file?: string; json?: true }) => {
        const given = await readText({ text, file: flags.file });
        const tokenizer = await tokenizerOf(model);
        const tokens = tokenizer.encode(given);
        if (!flags.json) return terminal.writeLines([tokens.join(',')]);
        const texts = tokens.map((token) => tokenizer.decode([token]));
        return terminal.writeJson({ model, tokens, texts });
      },
    );
}

export function addDetokenize(program: Command, terminal: Terminal): void {
  program
    .command('detokenize')
    .summary('token ids to text')
    .description('Prints the text of token ids.')
    .argument('<model>', 'folder, .gguf file, name or synthetic:15m')
    .argument('<ids>', 'token ids apart by commas, as 1,403,407', readTokens)
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(async (model: string, tokens: number[], flags: { json?: true }) => {
      const tokenizer = await tokenizerOf(model);
      const { vocabCount } = tokenizer;
      const position = tokens.findIndex((token) => token >= vocabCount);
      if (position >= 0) {
        const details = { token: tokens[position], position, vocabCount };
        throw new WaferError('TOKEN_OUT_OF_RANGE', details);
      }
      const text = tokenizer.decode(tokens);
      return flags.json
        ? terminal.writeJson({ model, tokens, text })
        : terminal.writeText(`${text}\n`);
    });
}

async function tokenizerOf(name: string): Promise<Tokenizer> {
  const model = await openNamedModel(name);
  if (model.tokenizer === undefined) throw new WaferError('TOKENIZER_MISSING', { path: name });
  return createTokenizer(model.tokenizer, name);
}
