/** What the console reads of projects and tasks. */
export interface Status {
  key: string;
  name: string;
  category: string;
}

export interface Project {
  id: string;
  key: string;
  name: string;
  description: string;
  statuses: Status[];
  archivedAt: string | null;
  createdAt: string;
}

export interface Task {
  id: string;
  projectId: string;
  key: string;
  title: string;
  description: string;
  status: string;
  priority: string;
  assigneeId: string | null;
  dueDate: string | null;
  labels: string[];
  createdAt: string;
  updatedAt: string;
}

export const PRIORITIES = ["none", "low", "medium", "high", "urgent"];
