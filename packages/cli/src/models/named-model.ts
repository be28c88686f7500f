/**
 * Models as the command line names them: paths, and names under which they were pulled.
 */
import type { HubName } from '@wafer/models';
import { modelsFolder, readHubName, requantize } from '@wafer/models';
import { openModel } from '@wafer/runtime';
import type { LoadType, Model } from '@wafer/runtime';
import { UsageError } from '../failures/failures.ts';

/** Where pulled models lie, as the environment says. */
export function pulledModels(): string {
  return modelsFolder(process.env);
}

/**
 * Opens a model by path, or by the name it was pulled under, to be quantized at load if asked.
 * Throws: what `openModel` throws.
 */
export async function openNamedModel(name: string, dtype?: LoadType): Promise<Model> {
  if (name.trim() === '') throw new UsageError('the name of the model is empty');
  const model = await openModel(name, { modelsFolder: pulledModels() });
  return dtype === undefined ? model : requantize(model, dtype);
}

/** Reads ORG/NAME[@REVISION]. Throws: UsageError. */
export function hubNameOf(text: string): HubName {
  const name = readHubName(text);
  if (name !== undefined) return name;
  throw new UsageError(`${text} is no name of a model on a hub; give ORG/NAME or ORG/NAME@REV`);
}
