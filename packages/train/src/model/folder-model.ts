/**
 * A model whose rows lie as those of checkpoints do.
 *
 * GGUF holds the rows of rotated matrices in pairs, folders in halves; a checkpoint's weights are a
 * folder, and its moments lie as the weights did. Gone on with, they must still match.
 */
import { folderLayout, type Model, openModel, writeModel } from '@wafer/models';

/**
 * The model itself, or, of a GGUF file whose rows lie otherwise, a folder of f32 written to `path`.
 * Throws: OUTPUT_FAILED; what `check` throws between two parts, after which no part is left.
 */
export async function folderModel(model: Model, path: string, check?: () => void): Promise<Model> {
  const { spec } = model;
  if (spec.rope.layout === folderLayout(spec)) return model;
  const onProgress = check && { onProgress: check };
  writeModel({ model, format: 'safetensors', path, type: 'f32', isForced: true, ...onProgress });
  return openModel(path);
}
