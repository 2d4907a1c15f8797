/** What the console reads of plans and the subscription. */
export interface Plan {
  key: string;
  pricePerSeat: Record<string, number>;
  currency: string;
  seatLimit: number;
  features: Record<string, boolean | number>;
}

export interface Subscription {
  plan: string;
  interval?: string;
  status: string;
  seats: { used: number; limit: number };
  renewalDate: string | null;
  pendingChange?: { plan: string; effectiveAt: string } | null;
  creditBalance?: number;
  currency?: string;
}

export interface Quote {
  lines: { description: string; amount: number; quantity?: number }[];
  total: number;
  amountDue?: number;
  creditUsed?: number;
  currency: string;
  effectiveAt: string;
  immediate?: boolean;
}
