import { Alert, Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { asProblem } from "~/api/problem";

/** What went wrong and what to do about it, where the content would have been. */
export function ProblemAlert({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation();
  const problem = asProblem(error);
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle size={18} />} title={t(problem.title)} role="alert">
      <Text size="sm">{t(problem.detail)}</Text>
      {problem.errors.map(({ field, message }) => (
        <Text size="sm" key={field + message}>
          <b>{field}</b> {message}
        </Text>
      ))}
      {retry && (
        <Group mt="xs">
          <Button variant="default" onClick={retry}>
            {t("Try again")}
          </Button>
        </Group>
      )}
    </Alert>
  );
}

/** For refusals of something that was asked in passing, such as a toggle. */
export function tellProblem(error: unknown): void {
  const problem = asProblem(error);
  notifications.show({ color: "red", title: problem.title, message: problem.detail, autoClose: 8000 });
}
