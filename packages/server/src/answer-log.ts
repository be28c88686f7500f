/**
 * The newest answers and what each tenant has had, for the dashboard: figures, never texts.
 * Bounded: the oldest answers are forgotten, tenants beyond a number are counted together.
 */
import type { LiveAnswer, LiveTenant } from '@wafer/dashboard';
import type { Usage } from '@wafer/runtime';

const ANSWERS_MAX = 50;
const TENANTS_MAX = 200;
const OTHERS = 'others';

export class AnswerLog {
  readonly #answers: LiveAnswer[] = [];
  readonly #tenants = new Map<string, LiveTenant>();
  #number = 0;

  /** Takes an answer that ended now. */
  add(end: { model: string; tenant: string; usage: Usage; finish: string }): void {
    const { model, tenant, usage, finish } = end;
    const { promptTokens, cachedTokens, generatedTokens, queueMs, prefillMs, decodeMs } = usage;
    const tokens = { promptTokens, cachedTokens, generatedTokens };
    const times = { endedAtMs: performance.now(), queueMs, prefillMs, decodeMs };
    this.#answers.push({ number: ++this.#number, model, tenant, finish, ...tokens, ...times });
    if (this.#answers.length > ANSWERS_MAX) this.#answers.shift();
    const counted = this.of(tenant);
    counted.answerCount++;
    counted.promptTokens += promptTokens;
    counted.cachedTokens += cachedTokens;
  }

  get answers(): LiveAnswer[] {
    return [...this.#answers];
  }

  get tenants(): LiveTenant[] {
    return [...this.#tenants.values()].map((tenant) => ({ ...tenant }));
  }

  /** What a tenant has had; whoever writes for it counts its tokens here as they come. */
  of(name: string): LiveTenant {
    const isKnown = this.#tenants.has(name) || this.#tenants.size < TENANTS_MAX;
    const tenant = isKnown ? name : OTHERS;
    const found = this.#tenants.get(tenant);
    if (found !== undefined) return found;
    const counts = { answerCount: 0, promptTokens: 0, cachedTokens: 0, generatedTokens: 0 };
    const made = { tenant, ...counts };
    this.#tenants.set(tenant, made);
    return made;
  }
}
