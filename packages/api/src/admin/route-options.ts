/** How the reference describes every route of the operator's. */
export const OPERATOR = {
  tags: ['Operator'],
  security: [{ operatorSession: [] }],
} as const;

/** Beside what every route answers: who is no operator, and whose sign-in is too old for what cannot be undone. */
export const REFUSALS = ['FORBIDDEN'] as const;
export const STEP_UP_REFUSALS = [...REFUSALS, 'STEP_UP_REQUIRED'] as const;
