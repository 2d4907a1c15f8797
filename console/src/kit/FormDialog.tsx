import { Button, Group, Modal, Stack } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useMutation, useQueryClient, type QueryKey } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { asProblem } from "~/api/problem";
import { ProblemAlert } from "./Problems";

interface FormDialogProps<Values extends Record<string, any>, Made> {
  opened: boolean;
  onClose: () => void;
  title: string;
  form: UseFormReturnType<Values>;
  submit: (values: Values) => Promise<Made>;
  /** Lists that this changes. */
  changes: QueryKey[];
  done?: (made: Made) => void;
  button: string;
  danger?: boolean;
  size?: string | number;
  children: ReactNode;
}

/** A form in a dialog: fields show the API's own objections, and nothing typed is lost when it refuses. */
export function FormDialog<Values extends Record<string, any>, Made>(props: FormDialogProps<Values, Made>) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const sending = useMutation({
    mutationFn: props.submit,
    onSuccess: async (made) => {
      await Promise.all(props.changes.map((queryKey) => queries.invalidateQueries({ queryKey })));
      close();
      props.done?.(made);
    },
    onError: (error) => props.form.setErrors(asProblem(error).byField),
  });
  function close() {
    sending.reset();
    props.form.reset();
    props.onClose();
  }
  return (
    <Modal opened={props.opened} onClose={close} title={props.title} size={props.size ?? "md"}
      closeButtonProps={{ "aria-label": t("Close") }}>
      <form onSubmit={props.form.onSubmit((values) => sending.mutate(values))}>
        <Stack gap="sm">
          {sending.error && <ProblemAlert error={sending.error} />}
          {props.children}
          <Group justify="flex-end" mt="xs">
            <Button variant="default" onClick={close}>{t("Cancel")}</Button>
            <Button type="submit" loading={sending.isPending} color={props.danger ? "red" : undefined}>{props.button}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
