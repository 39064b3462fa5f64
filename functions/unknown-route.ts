import { app } from "@azure/functions";
import { Failure } from "../model/failures.ts";
import { answer } from "./edge/answer.ts";

/** The least specific route: whatever no other function answers. */
app.http("unknownRoute", {
  methods: ["GET", "POST", "PUT", "PATCH", "DELETE"],
  route: "{*path}",
  authLevel: "function",
  handler: answer((request) => {
    const path = new URL(request.url).pathname;
    return Promise.reject(new Failure("UnknownRoute", `There is no call ${request.method} ${path}.`));
  }),
});
