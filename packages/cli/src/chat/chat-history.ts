/**
 * What was typed in chats before, in the user's state folder: `wafer/chat-history`, a JSON text per
 * line, the oldest first. That it cannot be read or kept is no reason to end a chat.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { absoluteFolder, homeFolder, makeFolder } from '@wafer/models';

const ENTRIES_MAX = 500;

/** Where it lies: XDG_STATE_HOME, or `.local/state` in the home folder; undefined without one. */
export function historyPath(
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const given = absoluteFolder(environment['XDG_STATE_HOME']);
  try {
    const state = given ?? join(homeFolder(), '.local', 'state');
    return join(state, 'wafer', 'chat-history');
  } catch {
    return undefined; // A user without a home.
  }
}

/** Entries, the newest first, as readline wants them. */
export function readHistory(path: string | undefined): string[] {
  if (path === undefined) return [];
  try {
    const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
    const entries = lines.map((line) => JSON.parse(line) as unknown);
    return entries.filter((entry) => typeof entry === 'string').toReversed();
  } catch {
    return [];
  }
}

/** Keeps the newest entries, for this user's eyes only. */
export function writeHistory(path: string | undefined, entries: readonly string[]): void {
  if (path === undefined) return;
  const lines = entries.slice(0, ENTRIES_MAX).toReversed();
  try {
    makeFolder(dirname(path), 0o700);
    writeFileSync(path, lines.map((entry) => `${JSON.stringify(entry)}\n`).join(''), {
      mode: 0o600,
    });
  } catch {
    // As said above.
  }
}
