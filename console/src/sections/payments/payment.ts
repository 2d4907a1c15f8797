/** What the console reads of a payment. */
export interface Payment {
  id: string;
  orderId: string;
  amount: number;
  currency: string;
  status: "PENDING" | "SUCCESS" | "FAILED" | "REFUNDED";
  detail: string;
  capturedAmount?: number;
  refundedAmount: number;
  captureMethod?: string;
  description?: string | null;
  declineCode?: string | null;
  nextActionUrl?: string | null;
  createdAt: string;
}

export interface Details extends Payment {
  transitions: { from: string | null; to: string; detail?: string; cause: string; at: string }[];
  ledger: { account: string; debit: number; credit: number; currency?: string; kind?: string; at: string }[];
  refunds?: { id: string; amount: number; status: string; reason: string | null; createdAt: string }[];
}

/** Test cards, and what each does. */
export const CARDS = [
  ["pm_card_visa", "Visa: succeeds"],
  ["pm_card_chargeDeclined", "Declined"],
  ["pm_card_chargeDeclinedInsufficientFunds", "Declined: insufficient funds"],
  ["pm_card_chargeDeclinedExpiredCard", "Declined: expired card"],
  ["pm_card_chargeDeclinedIncorrectCvc", "Declined: wrong CVC"],
  ["pm_card_chargeDeclinedProcessingError", "Declined: processing error"],
  ["pm_card_authenticationRequired", "Needs authentication"],
  ["pm_card_createDispute", "Succeeds, then is disputed"],
] as const;
