"""The providers' own clients call the local servers: python clients.py URL BODIES.

BODIES has a line of JSON for each call: {"provider": …, "key": …, "body": …}, whose body weir would send. The client is given it as its
arguments, and what the client makes of the answer is printed, a line of JSON for each call.
"""

import json
import sys

import anthropic
import openai


def call_anthropic(url, key, body):
    message = anthropic.Anthropic(base_url=url, api_key=key, max_retries=0, timeout=30).messages.create(**body)
    text = "".join(block.text for block in message.content if block.type == "text")
    return {"stop": message.stop_reason, "text": text, "in": message.usage.input_tokens, "out": message.usage.output_tokens, "id": message.id}


def call_openai(url, key, body):
    completion = openai.OpenAI(base_url=url + "/v1", api_key=key, max_retries=0, timeout=30).chat.completions.create(**body)
    choice = completion.choices[0]
    usage = completion.usage
    return {"stop": choice.finish_reason, "text": choice.message.content or "", "refusal": choice.message.refusal or "",
            "in": usage.prompt_tokens, "out": usage.completion_tokens, "id": completion.id}


def main(url, bodies):
    calls = {"anthropic": call_anthropic, "openai": call_openai}
    for line in open(bodies, encoding="utf-8"):
        call = json.loads(line)
        try:
            result = calls[call["provider"]](url, call["key"], call["body"])
        except (anthropic.APIStatusError, openai.APIStatusError) as error:
            result = {"error": type(error).__name__, "status": error.status_code, "retry_after": error.response.headers.get("retry-after", "")}
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
