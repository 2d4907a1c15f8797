import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { api } from "~/api/client";
import { useMe, usePeople } from "~/kit/identity";
import type { Room } from "./wire";

/** The caller's rooms, fetched anew when the gateway says that one changed. */
export function useRooms(version: number) {
  const queries = useQueryClient();
  const found = useQuery({ queryKey: ["/rooms"], queryFn: () => api.get("/rooms", { query: { limit: 200 } }).then((answer) => answer.data as Room[]) });
  useEffect(() => {
    const timer = setTimeout(() => void queries.invalidateQueries({ queryKey: ["/rooms"] }), 150);
    return () => clearTimeout(timer);
  }, [version, queries]);
  return found;
}

/** A room's name; a direct conversation is called like the other person. */
export function useRoomName(): (room: Room) => string {
  const people = usePeople();
  const me = useMe().data?.user.id;
  return (room) => room.name || (room.userIds ?? []).filter((id) => id !== me).map((id) => people.get(id)?.name ?? "?").join(", ") || "…";
}
