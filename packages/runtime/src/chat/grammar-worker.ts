/** Entry of the thread that makes grammars, as a bundle of this package has it. */
import '@wafer/text/grammar-thread';
