/**
 * Entry of the kernels of training: both ways of the rows of one sequence, and the optimizers.
 *
 * Values lie in panels of 16 tokens, [⌈T / 16⌉][width][16]: every sum over a width runs down the
 * rows of a panel, 16 tokens side by side. Weights lie row by row, [N, K]. Addresses are bytes,
 * 16-byte aligned; counts are elements, `panels` panels of 16 tokens. Tokens past T are computed
 * with; their gradients are 0. Letters: T tokens, N outputs, K inputs, D model, V vocab.
 */
export { linearForward, linearInputs, linearWeights } from './linear';
export { biasForward, biasGradient } from './bias';
export { embedPanels, scatterRows, rowsOfPanels, transposePanels } from './panels';
export { normForward, normGain, normInputs } from './norm';
export { rotatePanels } from './rotate';
export { clampedBackward, clampedForward, swigluBackward, swigluForward } from './swiglu';
export { attendForward } from './attend';
export { attendBackward } from './attend-backward';
export { sinksBack } from './sinks';
export { crossEntropy } from './cross-entropy';
export { dropRows } from './drop';
export { loadOf, routeBack, routeForward } from './route';
export { combineBack, combineSlots, gatherBack, gatherSlots, sortSlots } from './slots';
export { addInto, addRows, adamW, scaleBy, sgdMomentum } from './elements';
export { roundWeights, squaresOfBlocks } from './elements';
