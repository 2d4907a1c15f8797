import { Box, Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { More } from "~/kit/DataTable";
import { Markdown } from "~/kit/Markdown";
import { Loading, Panel } from "~/kit/Page";
import { ProblemAlert } from "~/kit/Problems";
import { Ago, Person } from "~/kit/Values";
import { useList } from "~/kit/list";

export function Comments({ taskId }: { taskId: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [text, write] = useState("");
  const list = useList("/tasks/{task_id}/comments", {}, { path: { task_id: taskId }, every: 5000 });
  const sending = useMutation({
    mutationFn: (body: string) => api.post("/tasks/{task_id}/comments", { path: { task_id: taskId }, body: { body } }),
    onSuccess: () => {
      write("");
      return queries.invalidateQueries({ queryKey: ["/tasks/{task_id}/comments", taskId] });
    },
  });
  const send = () => text.trim() && sending.mutate(text.trim());
  return (
    <Panel title={t("Comments")}>
      <Stack gap="md">
        {list.error ? <ProblemAlert error={list.error} retry={list.reload} /> : null}
        {list.loading && <Loading rows={2} />}
        {list.rows.map((comment) => (
          <Box key={comment.id}>
            <Group gap="xs"><Person name={comment.authorName} /><Text size="xs" c="dimmed"><Ago at={comment.createdAt} /></Text></Group>
            <Box pl={30} fz={13}><Markdown text={comment.body} /></Box>
          </Box>
        ))}
        <More list={list} />
        {sending.error && <ProblemAlert error={sending.error} />}
        <Textarea aria-label={t("Comment")} placeholder={t("Write a comment; Ctrl+Enter sends it")} autosize minRows={2} value={text} onChange={(event) => write(event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && send()} />
        <Group justify="flex-end"><Button loading={sending.isPending} disabled={!text.trim()} onClick={send}>{t("Comment")}</Button></Group>
      </Stack>
    </Panel>
  );
}
