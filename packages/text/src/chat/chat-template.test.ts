import { expect, test } from 'vitest';
import type { TokenizerDescription } from '../tokenizer/tokenizer-facts.ts';
import { chatTemplate, withChatTemplate } from './chat-renderer.ts';

/** As that of a GGUF file: its JSON is made when it is asked for. */
class LazyTokenizer implements TokenizerDescription {
  readonly tokenizerConfig: unknown = { eos_token: '</s>', chat_template: 'old' };
  made = 0;

  get tokenizerJson(): unknown {
    this.made++;
    return { version: '1.0' };
  }
}

test('another template leaves the tokenizer whole, and made when it is asked for', () => {
  const tokenizer = new LazyTokenizer();
  const model = withChatTemplate({ name: 'lazy', tokenizer }, 'new');
  expect(chatTemplate(model)).toBe('new');
  expect(tokenizer.made).toBe(0);
  const tokenizerConfig = { eos_token: '</s>', chat_template: 'new' };
  const { tokenizerJson, tokenizerConfig: config } = model.tokenizer;
  expect({ tokenizerJson, config }).toEqual({
    tokenizerJson: { version: '1.0' },
    config: tokenizerConfig,
  });
});
