/**
 * Text of language models: tokenizers, chat templates, the formats of answers and grammars.
 *
 * Pure: threads are started from an entry that the caller names.
 */
export { BYTE_CHARACTERS } from './encode/byte-level.ts';
export { PIECE_SPACE, cutMerge, pairOfMerge } from './encode/encoder-spec.ts';
export type {
  AddedToken,
  EncoderSpec,
  Fallback,
  Merge,
  PieceModelSpec,
  Vocabulary,
} from './encode/encoder-spec.ts';
export { ADDS_BEGIN, PRE_EXPRESSIONS } from './encode/pre-expressions.ts';
export { checkTokenTexts } from './encode/token-limits.ts';
export { SYNTHETIC_BEGIN, syntheticTokenizer } from './tokenizer/synthetic-tokenizer.ts';
export { collectTokenBytes, tokenDecoder } from './tokenizer/token-bytes.ts';
export type { TokenBytes } from './tokenizer/token-bytes.ts';
export type {
  TextFrame,
  TokenizerDescription,
  TokenizerFacts,
} from './tokenizer/tokenizer-facts.ts';
export { isMarkerText, readTokenizerFacts } from './tokenizer/tokenizer-json.ts';
export { createTokenizer } from './tokenizer/tokenizer.ts';
export type { EncodeOptions, Tokenizer } from './tokenizer/tokenizer.ts';
export { compileFormat, formatSource } from './grammar/answer-format.ts';
export type { AnswerFormat, FormatSource } from './grammar/answer-format.ts';
export { GrammarThread } from './grammar/grammar-thread.ts';
export type { Grammar } from './grammar/grammar-thread.ts';
export { GrammarReader, GrammarTables } from './grammar/run/grammar-reader.ts';
export { makeTokenTrie } from './grammar/run/token-trie.ts';
export type { TokenTrie } from './grammar/run/token-trie.ts';
export type { AnswerDelta } from './chat/answer-parser.ts';
export {
  ChatRenderer,
  chatTemplate,
  storedTemplates,
  withChatTemplate,
} from './chat/chat-renderer.ts';
export type { ChatModel, RenderedChat } from './chat/chat-renderer.ts';
export type { ChatMessage, RenderOptions, ToolCall } from './chat/messages.ts';
export { callsForm } from './chat/calls-form.ts';
export type { CallChoice } from './chat/calls-form.ts';
export { chatParts, withRoleTemplate } from './chat/training-chat.ts';
export type { ChatPart } from './chat/training-chat.ts';
export { WholeAnswer, answerParser, appendDelta } from './chat/whole-answer.ts';
export type { FormPart } from './grammar/form/form.ts';
export { renderTemplate } from './chat/render-template.ts';
export type { TemplateResult, TemplateTask } from './chat/render-template.ts';
