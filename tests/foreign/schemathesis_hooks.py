"""Lets schemathesis send the chunks of an upload, whose media type it does not know."""
import schemathesis

schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
