/**
 * The parts of an ONNX model: nodes, typed inputs and outputs, weights in a file beside it.
 *
 * Field numbers are those of onnx.proto; weights are external, so that the model file stays small
 * and weights of any size can be written row by row.
 *
 * Source: ONNX 1.18, onnx.proto (ModelProto, GraphProto, NodeProto, TensorProto).
 */
import { bytesField, floatField, join, numberField, textField } from './protobuf.ts';
import type { Bytes } from './protobuf.ts';

export const ELEMENT = { f32: 1, i32: 6, i64: 7 } as const;
export type Element = keyof typeof ELEMENT;

export interface OnnxNode {
  type: string;
  inputs: readonly string[];
  outputs: readonly string[];
  /** Default: the standard operators. */
  domain?: 'com.microsoft';
  integers?: Readonly<Record<string, number>>;
  floats?: Readonly<Record<string, number>>;
}

/** A tensor that goes in or out; a dimension is a size or a name. */
export interface OnnxValue {
  name: string;
  element: Element;
  shape: readonly (number | string)[];
}

/** A weight in the data file. */
export interface OnnxWeight {
  name: string;
  shape: readonly number[];
  offset: number; // bytes
  bytes: number;
}

/** A small constant inside the model file. */
export interface OnnxConstant {
  name: string;
  element: Element;
  shape: readonly number[];
  contents: Bytes;
}

export interface OnnxGraph {
  nodes: readonly OnnxNode[];
  inputs: readonly OnnxValue[];
  outputs: readonly OnnxValue[];
  weights: readonly OnnxWeight[];
  constants: readonly OnnxConstant[];
  /** Name of the data file, in the folder of the model. */
  dataFile: string;
}

const IR_VERSION = 10;
const OPSET_VERSION = 21;
const INTEGER_ATTRIBUTE = 2;
const FLOAT_ATTRIBUTE = 1;
const EXTERNAL = 1;

/** The whole model file. */
export function modelBytes(graph: OnnxGraph): Bytes {
  return join([
    numberField(1, IR_VERSION),
    textField(2, 'wafer'),
    bytesField(7, graphMessage(graph)),
    bytesField(8, join([textField(1, ''), numberField(2, OPSET_VERSION)])),
    bytesField(8, join([textField(1, 'com.microsoft'), numberField(2, 1)])),
  ]);
}

function graphMessage({ nodes, inputs, outputs, weights, constants, dataFile }: OnnxGraph): Bytes {
  return join([
    ...nodes.map((node, index) => bytesField(1, nodeMessage(node, index))),
    textField(2, 'model'),
    ...weights.map((weight) => bytesField(5, weightMessage(weight, dataFile))),
    ...constants.map((constant) => bytesField(5, constantMessage(constant))),
    ...inputs.map((value) => bytesField(11, valueMessage(value))),
    ...outputs.map((value) => bytesField(12, valueMessage(value))),
  ]);
}

function nodeMessage(node: OnnxNode, index: number): Bytes {
  const { type, inputs, outputs, domain, integers = {}, floats = {} } = node;
  return join([
    ...inputs.map((name) => textField(1, name)),
    ...outputs.map((name) => textField(2, name)),
    textField(3, `${type}.${index}`),
    textField(4, type),
    ...Object.entries(integers).map(([name, value]) =>
      bytesField(
        5,
        join([textField(1, name), numberField(3, value), numberField(20, INTEGER_ATTRIBUTE)]),
      ),
    ),
    ...Object.entries(floats).map(([name, value]) =>
      bytesField(
        5,
        join([textField(1, name), floatField(2, value), numberField(20, FLOAT_ATTRIBUTE)]),
      ),
    ),
    ...(domain === undefined ? [] : [textField(7, domain)]),
  ]);
}

function valueMessage({ name, element, shape }: OnnxValue): Bytes {
  const dimensions = shape.map((size) =>
    bytesField(1, typeof size === 'number' ? numberField(1, size) : textField(2, size)),
  );
  const tensor = join([numberField(1, ELEMENT[element]), bytesField(2, join(dimensions))]);
  return join([textField(1, name), bytesField(2, bytesField(1, tensor))]);
}

function weightMessage({ name, shape, offset, bytes }: OnnxWeight, dataFile: string): Bytes {
  const entry = (key: string, value: string): Bytes =>
    bytesField(13, join([textField(1, key), textField(2, value)]));
  return join([
    ...shape.map((size) => numberField(1, size)),
    numberField(2, ELEMENT.f32),
    textField(8, name),
    entry('location', dataFile),
    entry('offset', String(offset)),
    entry('length', String(bytes)),
    numberField(14, EXTERNAL),
  ]);
}

function constantMessage({ name, element, shape, contents }: OnnxConstant): Bytes {
  return join([
    ...shape.map((size) => numberField(1, size)),
    numberField(2, ELEMENT[element]),
    textField(8, name),
    bytesField(9, contents),
  ]);
}
