/** Entry of the thread that fills in chat templates, as a bundle of this package has it. */
import '@wafer/text/template-thread';
