/**
 * A model that says what a test wants: a real Llama whose weights spell a table of successors.
 *
 * Embeddings are rows of signs, nearly at right angles; layers add zero; the head's row of a token
 * is the embedding of the token before it. So each token is followed by its successor, and the last
 * token of the prompt, which the chat template chooses by what was asked, begins the answer.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openModel } from '@wafer/runtime';

const WIDTH = 64; // D

/** Answers by a word of the question: each a row of tokens, `loop` without an end. */
const ANSWERS: Readonly<Record<string, readonly string[]>> = {
  think: ['[1]', '<think>', 'two and ', 'two', '</think>', 'It is four.'],
  call: ['[2]', '<tool_call>', '{"name": "add", "arguments": {"a": 2}}', '</tool_call>'],
  loop: ['[3]', 'la ', 'la '],
};

const TEMPLATE = `{%- for m in messages -%}
<|turn|>{{ m.role }}: {{ m.content }}{% if m.tool_calls %}<tool_call>{% endif %}<|end|>
{%- endfor -%}
{%- set asked = messages[-1].content -%}
{%- if add_generation_prompt -%}
<|turn|>assistant: {{ '[1]' if 'think' in asked else '[2]' if 'call' in asked else '[3]' }}
{%- endif -%}`;

/** Writes the folder of the model; its special tokens are `<|turn|>` and `<|end|>`. */
export async function writeScriptedModel(folder: string): Promise<void> {
  const { tokenizer, spec } = await openModel('synthetic:tiny');
  const words = [...new Set(['<|turn|>', '<|end|>', ...Object.values(ANSWERS).flat()])];
  const idOf = (word: string): number => spec.vocabCount + words.indexOf(word);
  const vocabCount = spec.vocabCount + words.length; // V
  const successors = new Map<number, number>();
  for (const answer of Object.values(ANSWERS)) {
    answer.forEach((word, i) => successors.set(idOf(word), idOf(answer[i + 1] ?? '<|end|>')));
  }
  successors.set(idOf('la '), idOf('la '));
  const json = tokenizer?.tokenizerJson as { added_tokens: object[] };
  const added = words.map((content) => ({
    id: idOf(content),
    content,
    special: content.startsWith('<|'),
    normalized: false,
  }));
  mkdirSync(folder, { recursive: true });
  const write = (file: string, value: unknown): void =>
    writeFileSync(join(folder, file), JSON.stringify(value));
  write('tokenizer.json', { ...json, added_tokens: [...json.added_tokens, ...added] });
  write('tokenizer_config.json', { eos_token: '<|end|>' });
  writeFileSync(join(folder, 'chat_template.jinja'), TEMPLATE);
  writeWeights(join(folder, 'model.safetensors'), vocabCount, successors);
  write('config.json', {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    vocab_size: vocabCount,
    hidden_size: WIDTH,
    intermediate_size: WIDTH,
    num_hidden_layers: 1,
    num_attention_heads: 1,
    num_key_value_heads: 1,
    max_position_embeddings: 32_768,
    rms_norm_eps: 1e-5,
    tie_word_embeddings: false,
    eos_token_id: idOf('<|end|>'),
  });
}

function writeWeights(path: string, vocabCount: number, next: ReadonlyMap<number, number>): void {
  const embedding = signs(vocabCount * WIDTH); // [V, D]
  const head = new Float32Array(vocabCount * WIDTH); // [V, D]
  for (const [from, to] of next) {
    const row = embedding.subarray(from * WIDTH, (from + 1) * WIDTH);
    // A token with several predecessors follows each of them.
    row.forEach((value, i) => (head[to * WIDTH + i] = head[to * WIDTH + i]! + value));
  }
  const square = new Float32Array(WIDTH * WIDTH);
  const ones = new Float32Array(WIDTH).fill(1);
  const layer = 'model.layers.0.';
  const names = ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj', 'self_attn.o_proj'];
  const ffn = ['mlp.gate_proj', 'mlp.up_proj', 'mlp.down_proj'];
  const norms = ['input_layernorm', 'post_attention_layernorm'];
  const tensors: [string, number[], Float32Array][] = [
    ['model.embed_tokens.weight', [vocabCount, WIDTH], embedding],
    ['lm_head.weight', [vocabCount, WIDTH], head],
    ['model.norm.weight', [WIDTH], ones],
    ...norms.map((n): [string, number[], Float32Array] => [`${layer}${n}.weight`, [WIDTH], ones]),
    ...[...names, ...ffn].map((name): [string, number[], Float32Array] => [
      `${layer}${name}.weight`,
      [WIDTH, WIDTH],
      square,
    ]),
  ];
  let end = 0;
  const header = Object.fromEntries(
    tensors.map(([name, shape, { byteLength }]) => {
      const start = end;
      end += byteLength;
      return [name, { dtype: 'F32', shape, data_offsets: [start, end] }];
    }),
  );
  const text = JSON.stringify(header);
  const padded = text.padEnd(Math.ceil(text.length / 8) * 8);
  const length = new BigUint64Array([BigInt(padded.length)]);
  const bytes = tensors.map(([, , { buffer }]) => Buffer.from(buffer));
  writeFileSync(path, Buffer.concat([Buffer.from(length.buffer), Buffer.from(padded), ...bytes]));
}

/** Rows of +1 and -1 from a linear congruence. */
function signs(count: number): Float32Array {
  let state = 12345;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >= 2 ** 31 ? 1 : -1;
  });
}
