import { app } from "@azure/functions";
import { Failure } from "../model/failures.ts";
import { answer } from "./edge/answer.ts";

/** What no other function answers. The host tries routes by their functions' names: this one is the last. */
app.http("unknownRoute", {
  methods: ["GET", "POST", "PUT", "PATCH", "DELETE"],
  route: "{*path}",
  authLevel: "function",
  handler: answer((request) => {
    const path = new URL(request.url).pathname;
    return Promise.reject(new Failure("UnknownRoute", `There is no call ${request.method} ${path}.`));
  }),
});
