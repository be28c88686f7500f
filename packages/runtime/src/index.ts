/**
 * The embedding interface: loads a model, starts a wafer of worker threads, and generates text.
 */
export {};
