/** Links and jumps inside the console. Routes are made from a table, so paths are plain text here. */
import { useNavigate, useParams, Link as RouterLink } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, Ref } from "react";

interface LinkProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  to: string;
  search?: Record<string, string | undefined>;
  ref?: Ref<HTMLAnchorElement>;
}

export function Link(props: LinkProps) {
  return <RouterLink {...(props as { to: string })} />;
}

export function useGo(): (to: string, search?: Record<string, string | undefined>) => void {
  const navigate = useNavigate();
  return (to, search = {}) => void navigate({ to, search } as never);
}

export function useParam(name: string): string {
  return (useParams({ strict: false }) as Record<string, string>)[name] ?? "";
}
