/**
 * Clients of other makers, as they come, against one server: streams, tools, answers of a schema,
 * usage and errors of each.
 */
import './clients/answers.ts';
import './clients/others.ts';
import './clients/tools.ts';
