/**
 * A chat template for models that have none: what was said, and nothing around it.
 *
 * A model that only continues text then continues the last message, which is the best it can do.
 */
import { chatTemplate, withChatTemplate } from '@wafer/text';
import type { Model } from '@wafer/runtime';

/** Contents, a line each. */
export const PLAIN_TEMPLATE: string =
  '{% if bos_token %}{{ bos_token }}{% endif %}' +
  '{% for m in messages %}{{ m.content }}{% if not loop.last %}\n{% endif %}{% endfor %}';

/** The model itself if it has a template, else with the plain one. */
export function withPlainTemplate(model: Model): Model {
  return chatTemplate(model) === undefined ? withChatTemplate(model, PLAIN_TEMPLATE) : model;
}
