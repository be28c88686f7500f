/**
 * Words of interfaces that are spelled otherwise than ours: they go over the wire as here.
 */
export const CANCELED = 'cancelled' as const;
export const CANCELED_AT = 'cancelled_at' as const;
/** The media type of bytes that are nothing in particular. */
export const ANY_BYTES = 'application/octet-stream' as const;
