/**
 * What tokens of a model cost, in dollars per million.
 */

/** Tokens that were used. */
export interface UsedTokens {
  /** Cached ones included. */
  inputTokens: number;
  cachedTokens: number;
  outputTokens: number;
}

export interface Price {
  input: number;
  /** Default: as `input`. */
  cached?: number | undefined;
  output: number;
  /** Of a token that is trained on. Default: nothing. */
  training?: number | undefined;
}

/** By model; what has no price costs nothing, an adapter as its base. */
export type Prices = Readonly<Record<string, Price>>;

/** The prices, where an adapter without its own costs what its base does. */
export function withAdapterPrices(
  prices: Prices,
  models: readonly { id: string; adapterOf?: string | undefined }[],
): Prices {
  const taken = models.flatMap(({ id, adapterOf }): [string, Price][] => {
    const price = adapterOf === undefined ? undefined : prices[adapterOf];
    return price === undefined ? [] : [[id, price]];
  });
  return { ...Object.fromEntries(taken), ...prices };
}

/** Billionths of a dollar: dollars per million tokens are thousands of them per token. */
export function costNanos(price: Price | undefined, used: UsedTokens): number {
  if (price === undefined) return 0;
  const { inputTokens, cachedTokens, outputTokens } = used;
  const { input, cached = input, output } = price;
  const perMillion =
    (inputTokens - cachedTokens) * input + cachedTokens * cached + outputTokens * output;
  return Math.round(perMillion * 1000);
}
