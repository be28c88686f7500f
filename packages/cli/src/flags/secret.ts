/**
 * The secret that chips of one run share: from a file, or from the environment, never from argv.
 */
import { readFileSync } from 'node:fs';
import { plural, reasonOf } from '@wafer/core';
import { UsageError } from '../failures/failures.ts';

/** Bytes of a secret that nobody guesses. */
const SECRET_BYTES_MIN = 16;

/** Reads the secret. Throws: UsageError. */
export function readSecret(file: string | undefined): Uint8Array {
  const given = file === undefined ? process.env['WAFER_SECRET'] : readText(file);
  if (given === undefined) {
    throw new UsageError(
      `WAFER_SECRET is not set; set it to at least ${SECRET_BYTES_MIN} bytes of random text, the ` +
        'same on every host, or name a file by --secret-file',
    );
  }
  const text = given.trim();
  const secret = Buffer.from(text);
  if (secret.length >= SECRET_BYTES_MIN) return secret;
  const place = file ?? 'WAFER_SECRET';
  throw new UsageError(
    `${place} holds ${plural(secret.length, 'byte')}, a secret has at least ${SECRET_BYTES_MIN}; ` +
      'write the same random text on every host',
  );
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${reasonOf(error)}`);
  }
}
