import { exampleId } from '../http/fields.ts';
import { Type } from '../http/type.ts';
import { LINE_TYPES } from './own-data.ts';

export const ExportQuery = Type.Object({
  after: Type.Optional(
    Type.String({
      pattern: '^msg_[0-9a-z]+$',
      maxLength: 100,
      description:
        'To go on where a download broke off: the id of the last whole message of it. Only older ones follow.',
      examples: [exampleId('msg')],
    }),
  ),
});

export const ExportText = Type.String({
  description: `Lines of JSON (NDJSON), each with a \`type\` (${LINE_TYPES.join(', ')}) and its \`data\`, as the list of such things has it. Messages come last, newest first. Without the line \`end\` it is not whole.`,
  examples: [
    '{"type":"profile","data":{"user_id":"…","username":"ann"}}\n{"type":"message","data":{"id":"…","message":"hello"}}\n{"type":"end","data":{}}\n',
  ],
  documented: { contentMediaType: 'application/x-ndjson' },
});
