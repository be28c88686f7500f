/**
 * Muon: momentum whose matrix is made nearly orthogonal before it is taken from the weights.
 *
 *   u = μ u + g        n = g + μ u (Nesterov)        X = n / |n|
 *   five times: A = X Xᵀ, X = a X + (b A + c A²) X, with the smaller side as rows
 *   w -= lr · decay · w        w -= lr · 0.2 · √(max(rows, columns)) · X
 *
 * The factor gives an update the size that AdamW's has, so that one rate serves both; embeddings,
 * head and vectors are AdamW's. Chains are ascending, products and sums rounded each.
 *
 * Source: Jordan et al. 2024 (Muon); Liu et al. 2025 (the factor).
 */
const f = Math.fround;

const [A, B, C] = [f(3.4445), f(-4.775), f(2.0315)];
const ROUNDS = 5;
const RMS_OF_ADAM = 0.2;

/** One step of a matrix. Shapes: [rows, columns], row by row. */
export function muon(
  weights: Float32Array,
  gradient: Float32Array,
  velocity: Float32Array,
  scalars: { rows: number; lr: number; decay: number; momentum: number; scale: number },
): void {
  const { rows, scale } = scalars;
  const columns = weights.length / rows;
  const [momentum, decay] = [f(scalars.momentum), f(scalars.decay)];
  const wanted = new Float32Array(weights.length);
  for (let i = 0; i < weights.length; i++) {
    const g = f(gradient[i]! * scale);
    const u = f(f(momentum * velocity[i]!) + g);
    velocity[i] = u;
    wanted[i] = g + f(momentum * u);
  }
  const update = orthogonal(wanted, rows, columns);
  const factor = f(scalars.lr * RMS_OF_ADAM * Math.sqrt(Math.max(rows, columns)));
  for (let i = 0; i < weights.length; i++) {
    const w = f(weights[i]! - f(decay * weights[i]!));
    weights[i] = w - f(factor * update[i]!);
  }
}

/** The nearly orthogonal matrix of the same shape. A matrix of zeros stays one. */
export function orthogonal(matrix: Float32Array, rows: number, columns: number): Float32Array {
  if (rows > columns) {
    const turned = orthogonal(transpose(matrix, rows, columns), columns, rows);
    return transpose(turned, columns, rows);
  }
  let squares = 0;
  for (const value of matrix) squares += value * value;
  const inverse = squares > 0 ? f(1 / Math.sqrt(squares)) : 0;
  let x = matrix.map((value) => value * inverse);
  for (let round = 0; round < ROUNDS; round++) {
    const gram = product(x, transpose(x, rows, columns), rows, columns);
    const square = product(gram, gram, rows, rows);
    const mixed = gram.map((value, i) => f(B * value) + f(C * square[i]!));
    const turned = product(mixed, x, rows, rows);
    x = x.map((value, i) => f(A * value) + turned[i]!);
  }
  return x;
}

/** left [rows, inner] · right [inner, …]; chains over ascending inner. */
function product(
  left: Float32Array,
  right: Float32Array,
  rows: number,
  inner: number,
): Float32Array {
  const columns = right.length / inner;
  const result = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    const row = result.subarray(r * columns, (r + 1) * columns);
    for (let k = 0; k < inner; k++) {
      const factor = left[r * inner + k]!;
      const line = right.subarray(k * columns, (k + 1) * columns);
      for (let c = 0; c < columns; c++) row[c] = row[c]! + f(factor * line[c]!);
    }
  }
  return result;
}

function transpose(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const turned = new Float32Array(matrix.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) turned[c * rows + r] = matrix[r * columns + c]!;
  }
  return turned;
}
