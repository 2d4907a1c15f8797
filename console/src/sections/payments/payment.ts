/** What the console reads of a payment. */
import type { Schema } from "~/api/client";

export type Payment = Schema<"PaymentOut">;
export type Details = Schema<"PaymentDetails">;

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
