import { exampleId, id, time, username } from '../http/fields.ts';
import { LINK_TOKEN, tokenLinkFields } from '../http/token-link.ts';
import { Type } from '../http/type.ts';

/** Where the console uses a link. */
export const PAGE = '/console/groups/link';
/** As many as the largest group that most registries allow. */
const MOST_USES = 1000;

const fields = {
  id: id('lnk', 'The id of the link, to withdraw it.'),
  made_by: username('Who made it.'),
  uses_left: Type.Integer({
    minimum: 1,
    maximum: MOST_USES,
    description: 'How many people can still use it.',
    examples: [10],
  }),
  created_at: time('When it was made.'),
  expires_at: time('It can be used until then.'),
};

export const NewGroupLinkBody = Type.Object(
  {
    max_uses: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MOST_USES,
        default: 1,
        description: 'How many people can use it.',
        examples: [10],
      }),
    ),
  },
  { title: 'CreateGroupLink', description: 'A link to a group of mine.' },
);

export const GroupLinkAnswer = Type.Object(fields, {
  title: 'GroupLink',
  description: 'A link that makes whoever opens it a member of the group. Its token is not shown again.',
});

export const CreatedGroupLink = Type.Object(
  {
    ...fields,
    ...tokenLinkFields(PAGE),
  },
  { title: 'CreatedGroupLink', description: 'A new link; this is the only time that it is shown.' },
);

export const GroupLinkParams = Type.Object({
  id: Type.String({ description: 'The id of the group.', examples: [exampleId('grp')] }),
  link_id: Type.String({ description: 'The id of the link.', examples: [exampleId('lnk')] }),
});

export const TokenBody = Type.Object(
  { token: Type.String({ ...LINK_TOKEN, maxLength: 100 }) },
  { title: 'UseGroupLink', description: 'The link that it is about.' },
);

export const GroupLinkShown = Type.Object(
  {
    group_name: Type.String({ description: 'The name of the group.', examples: ['book-club'] }),
    made_by: fields.made_by,
    expires_at: fields.expires_at,
  },
  { title: 'GroupLinkShown', description: 'Where a link leads.' },
);
