import { ActionIcon, Box, Button, CopyButton, Group, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { chosenOrganization } from "~/api/session";
import { tellProblem } from "./Problems";

interface CurlProps {
  method?: string;
  path: string;
  body?: unknown;
  /** The scope that the command's key needs. */
  scope: string;
}

// Keys made for examples, while this page is open: a key is shown once and kept nowhere.
const keys = new Map<string, string>();
const kept = (scope: string) => `${chosenOrganization()} ${scope}`;

/** A command to copy, with a key that may do it and nothing else. */
export function Curl({ method = "POST", path, body, scope }: CurlProps) {
  const { t } = useTranslation();
  const [key, setKey] = useState(keys.get(kept(scope)));
  const [busy, setBusy] = useState(false);
  const command = curl(method, path, body, key ?? "<API key>");

  async function makeKey() {
    setBusy(true);
    try {
      const made = await api.post("/api-keys", { body: { name: `Example (${scope})`, scopes: [scope] } });
      keys.set(kept(scope), made.key);
      setKey(made.key);
    } catch (error) {
      tellProblem(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Box pos="relative" ta="left" w="100%" maw={640}>
      <Box component="pre" className="mono" m={0} p="sm" pr={44} bg="var(--sunken)" tabIndex={0}
        style={{ borderRadius: 6, overflowX: "auto" }}>
        {command}
      </Box>
      <Box pos="absolute" top={6} right={6} bg="var(--sunken)">
        <Copy value={command} />
      </Box>
      {!key && (
        <Group mt={6} gap="xs">
          <Button variant="subtle" size="compact-xs" loading={busy} onClick={makeKey}>
            {t("Put a new key with {{scope}} into it", { scope })}
          </Button>
        </Group>
      )}
    </Box>
  );
}

export function Copy({ value, label }: { value: string; label?: string }) {
  const { t } = useTranslation();
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? t("Copied") : (label ?? t("Copy"))}>
          <ActionIcon variant="subtle" color="gray" size="sm" onClick={copy} aria-label={label ?? t("Copy")}>
            {copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}

function curl(method: string, path: string, body: unknown, key: string): string {
  const lines = [`curl ${method === "GET" ? "" : `-X ${method} `}${location.origin}${path}`, `-H 'Authorization: Bearer ${key}'`];
  if (body !== undefined) lines.push("-H 'Content-Type: application/json'", `-d '${JSON.stringify(body)}'`);
  return lines.join(" \\\n  ");
}
