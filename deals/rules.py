"""Figures and simple rules of introductions, in one place."""

# Roles that act for a party; the owner of an organisation holds them all.
PARTY_ROLES = ("editor", "broker")
BROKER_ROLES = ("broker",)
MAX_ENQUIRIES_A_DAY = 5  # without a name, of one organisation
PAUSE_OF_ENQUIRIES = 30  # days until an organisation may ask about the same listing again
MAX_ASKED = 50  # introductions that one organisation has asked for and that are still open
MAX_VALUATIONS = 500  # drafts of one organisation
MAX_INPUT_VERSIONS = 400  # of one valuation
CASE_ROLES = ("broker", "editor")  # who works with the cases of an institution, owners too
MOST_CASES = 200  # that one bulk step takes
COLUMN = 50  # cards of a stage on the board before "more"
MOST_REFERRALS = 200  # of one institution that stand on boards at a time
REMIND_BEFORE = 3  # days before a report is due
DAYS_TO_STATE = 30  # after the end of a period of royalty
MOST_REQUESTS = 20  # for help, of one organisation, that are not closed
LONGEST_WAIT = 180  # days until which an answer may be wanted
GRACE = 14  # days that an institution which took a request has beyond the asker's day
REMIND_OF_REQUESTS = 2  # days before an answer is wanted
FARTHEST_GATHERING = 730  # days ahead at which one may end
LONGEST_GATHERING = 60  # days from its start to its end
MOST_DRAFTS_OF_GATHERINGS = 200  # of one institution
MOST_MARKS = 500  # of attendance in one step
AUTUMN = (10, 1)  # month and day from which brokers short of training hours are reminded
AUTUMN_ENDS = (11, 1)  # and before which; once in a year
