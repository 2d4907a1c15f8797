import { ActionIcon, Indicator } from "@mantine/core";
import { IconBell } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { useStream } from "~/kit/stream";
import { Link } from "~/link";

/** The inbox's unread count, live. */
export function Bell() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const unread = useQuery({ queryKey: ["/inbox", "unread-count"], queryFn: () => api.get("/inbox/unread-count"), retry: false });
  useStream("/inbox/stream", {}, () => void queries.invalidateQueries({ queryKey: ["/inbox"] }), unread.isSuccess);
  const count: number = unread.data?.count ?? unread.data?.unreadCount ?? 0;
  return (
    <Indicator label={count > 99 ? "99+" : count} size={15} disabled={!count} offset={5}>
      <ActionIcon component={Link} to="/notifications" search={{ tab: "inbox" }} variant="subtle" color="gray"
        aria-label={t("Inbox: {{count}} unread", { count })}>
        <IconBell size={17} stroke={1.7} />
      </ActionIcon>
    </Indicator>
  );
}
