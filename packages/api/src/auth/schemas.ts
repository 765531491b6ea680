import { type Static, Type } from 'typebox';
import { text } from '../http/fields.ts';

export const RegisterBody = Type.Object({
  username: Type.String({ description: '3–30 of A–Z a–z 0–9 _ -; case does not matter.' }),
  display_name: Type.Optional(text({ maxLength: 100 })),
  invite_token: Type.Optional(
    text({ maxLength: 100, description: 'Where one has to be invited to register.' }),
  ),
  inviteToken: Type.Optional(text({ maxLength: 100, description: 'The same, for existing clients.' })),
});

export type NewUser = Static<typeof RegisterBody>;

export const Registered = Type.Object({
  user_id: Type.String(),
  username: Type.String(),
  api_key: Type.String({ description: 'Shown this once.' }),
});

export const Me = Type.Object({
  user_id: Type.String(),
  username: Type.String(),
  display_name: Type.Optional(Type.String()),
  created_at: Type.String({ format: 'date-time' }),
});

export const MeChangesBody = Type.Object({ display_name: text({ maxLength: 100 }) });
