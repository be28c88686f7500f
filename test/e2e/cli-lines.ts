/**
 * A command line of each command that prints lines for a person, made small; in an order in which
 * the first write what others read. `@/` is a folder, `@hub` a hub on this machine, `@key` a key of
 * the store, one for each width.
 */

export const WIDTHS = [40, 80, 120] as const;

/** By the words that name a command. */
export const LINES: Readonly<Record<string, readonly string[]>> = {
  run: ['run synthetic:qwen3-moe x --max-tokens 2 --grid 2x1 --dice 2x1 --as h100 --link nvlink4'],
  chat: ['chat stories x --max-tokens 3'],
  inspect: ['inspect synthetic:110m', 'inspect synthetic:gpt-oss'],
  plan: [
    'plan synthetic:tiny --grid 4x2 --dice 2x1',
    'plan synthetic:qwen3-moe --grid 2x2',
    'plan synthetic:moe-tiny --grid 4x1 --as h100 --experts auto',
    'plan synthetic:15m --grid 48x2',
  ],
  tokenize: ['tokenize stories --file @/data.txt'],
  detokenize: ['detokenize stories 1,300'],
  perplexity: ['perplexity stories Once_upon_a_time'],
  eval: [
    'eval stories --data @/data.txt --context 16 --rows 2',
    'eval stories --data @/questions.jsonl --accuracy',
  ],
  'bench interconnect': ['bench interconnect synthetic:tiny --chips 2'],
  'bench scaling': ['bench scaling synthetic:tiny'],
  'bench sweep': ['bench sweep synthetic:tiny'],
  'bench speculation': ['bench speculation --quick --rounds 1'],
  'bench adapters': ['bench adapters --quick --rounds 1'],
  'bench grammar': ['bench grammar --quick --rounds 1'],
  project: [
    'project llama-3.1-70b --on wse3@examples --vs h100x8,b200x8,groq --draft 4 --stream',
    'project gpt-oss-20b --vs h100x8,h100x8p2 --experts auto --chunk 256',
  ],
  'project sweep': [
    'project sweep --models llama-3.1-8b --machines wse3@paper,h100x1 --types fp8 --chunks 0,256',
  ],
  validate: ['validate'],
  'stress links': ['stress links --quick --over virtual'],
  'keys create': ['keys create --data @/state --tenant a-tenant-with-a-name --name laptop'],
  'keys list': ['keys list --data @/state'],
  'keys rotate': ['keys rotate @key --data @/state'],
  'keys revoke': ['keys revoke @key --data @/state'],
  'audit verify': ['audit verify --data @/state'],
  'audit show': ['audit show --data @/state'],
  backup: ['backup @/copy.db --data @/state --force'],
  restore: ['restore @/copy.db --data @/restored --force'],
  rekey: ['rekey --data @/restored --plain'],
  'tokenizer train': ['tokenizer train @/data.txt --vocab 300 --out @/tokenizer --force'],
  export: [
    'export stories @/exported.gguf --dtype q8_0 --force',
    'export synthetic:tiny @/poet.gguf --adapter @/poet --adapter-only --force',
  ],
  pull: ['pull org/model --endpoint @hub'],
  quantize: ['quantize stories @/stories.gguf --type q8_0 --force'],
  list: ['list'],
  init: ['init @/tiny.gguf --dtype q8_0 --force'],
  doctor: ['doctor'],
};

/** Of commands that measure for long: once each, where it is narrowest or a table is widest. */
export const DEAR: readonly (readonly [string, string, number])[] = [
  ['bench', 'bench --quick --out @/runs', 40],
  ['bench', 'bench --quick --out @/runs', 80],
  ['bench speed', 'bench speed --quick --rounds 1 --tiles 1 --batch 1 --cache @/cache', 40],
  ['bench train', 'bench train --quick', 40],
  ['stress fabric', 'stress fabric --quick', 40],
  ['train', 'train stories --data @/data.txt --context 16 --batch 2 --steps 3 --out @/trained', 40],
  ['rm', 'rm org/model --yes', 40],
  ['bench micro', 'bench micro --quick --rounds 1', 40],
  ['bench host', 'bench host --quick --tiles 2', 40],
  ['bench serve', 'bench serve --quick --out @/runs --cache @/cache', 40],
  ['calibrate', 'calibrate --quick', 40],
];

/** Commands that print no lines for a person, and why. */
export const ELSEWHERE: Readonly<Record<string, string>> = {
  logits: 'prints JSON alone',
  completion: 'prints a script',
  serve: 'logs JSON, line by line',
  chip: 'waits for a fleet; its one line is said, as all that is said',
};
