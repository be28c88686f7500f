/** Entry of the thread that encodes long texts, as a bundle of this package has it. */
import '@wafer/text/encode-thread';
