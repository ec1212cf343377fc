"""The AWS account: what Textback needs in it, made and kept so; what it owns, mirrored.

wanted → keys, queues, topics, events, numbers (each compares what is there with what is wanted) → changes
roles: what may be allowed to whom
mirror: phone numbers and sender IDs of the account → origination identities
"""
