import {
  type MutationFunction,
  type UseMutationOptions,
  type UseMutationResult,
  useMutation as useAnyMutation,
} from '@tanstack/preact-query';
import { useCallback, useRef } from 'preact/hooks';

type Options<Data, Variables> = Omit<UseMutationOptions<Data, Error, Variables>, 'mutationFn'> & {
  mutationFn: MutationFunction<Data, Variables>;
};

/**
 * As that of the library, but a second `mutate` while the first goes on does nothing: whoever clicks twice wants one, and
 * the second click may come before the button is disabled.
 */
export function useMutation<Data, Variables = void>({
  mutationFn,
  ...options
}: Options<Data, Variables>): UseMutationResult<Data, Error, Variables> {
  const isBusy = useRef(false);
  const mutation = useAnyMutation<Data, Error, Variables>({
    ...options,
    mutationFn: async (variables, context) => {
      try {
        return await mutationFn(variables, context);
      } finally {
        isBusy.current = false;
      }
    },
  });
  const { mutate } = mutation;
  const mutateOnce = useCallback<typeof mutate>(
    (...given) => {
      if (isBusy.current) return;
      isBusy.current = true;
      mutate(...given);
    },
    [mutate],
  );
  return { ...mutation, mutate: mutateOnce };
}
