/** Where a dragged task lands. The board's order is the list's; the API is told the new neighbour and column. */
import type { Task } from "./task";

/** The tasks with one dropped onto another, or onto an empty column (`status:<key>`). */
export function moved(tasks: Task[], id: string, over: string): Task[] {
  const task = tasks.find((one) => one.id === id)!;
  const rest = tasks.filter((one) => one.id !== id);
  if (over.startsWith("status:")) return [...rest, { ...task, status: over.slice("status:".length) }];
  const at = rest.findIndex((one) => one.id === over);
  const status = rest[at]!.status;
  // Dragged down within a column it takes the place after the one it was dropped on, as it looks while dragging.
  const down = task.status === status && tasks.indexOf(task) < tasks.findIndex((one) => one.id === over);
  return [...rest.slice(0, at + (down ? 1 : 0)), { ...task, status }, ...rest.slice(at + (down ? 1 : 0))];
}

export function placeOf(order: Task[], id: string): { status: string; afterId?: string; beforeId?: string } {
  const { status } = order.find((task) => task.id === id)!;
  const column = order.filter((task) => task.status === status);
  const at = column.findIndex((task) => task.id === id);
  if (at > 0) return { status, afterId: column[at - 1]!.id };
  return column.length > 1 ? { status, beforeId: column[1]!.id } : { status };
}
