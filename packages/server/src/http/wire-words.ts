/**
 * Words of OpenAI's interface that are spelled otherwise than ours: they go over the wire as here.
 */
export const CANCELED = 'cancelled' as const;
export const CANCELED_AT = 'cancelled_at' as const;
