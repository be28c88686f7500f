/**
 * How tiles talk: channels into the receiver's memory, doorbells, and links across kerfs.
 */
export {};
