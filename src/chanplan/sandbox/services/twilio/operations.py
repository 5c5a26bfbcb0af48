"""The table of Twilio's operations: everything of it that the sandbox can do."""

from collections.abc import Mapping

from chanplan.sandbox.services.twilio import accounts, applications, assignments, numbers, profiles
from chanplan.sandbox.services.twilio.call import TwilioHandler

_ASSIGNMENT = "CustomerProfileChannelEndpointAssignment"

TWILIO_HANDLERS: Mapping[str, TwilioHandler] = {
    "twilio:ListAccount": accounts.list_account,
    "twilio:CreateAccount": accounts.create_account,
    "twilio:FetchAccount": accounts.fetch_account,
    "twilio:UpdateAccount": accounts.update_account,
    "twilio:ListApplication": applications.list_application,
    "twilio:CreateApplication": applications.create_application,
    "twilio:FetchApplication": applications.fetch_application,
    "twilio:UpdateApplication": applications.update_application,
    "twilio:DeleteApplication": applications.delete_application,
    "twilio:ListIncomingPhoneNumber": numbers.list_incoming_phone_number,
    "twilio:FetchIncomingPhoneNumber": numbers.fetch_incoming_phone_number,
    "twilio:UpdateIncomingPhoneNumber": numbers.update_incoming_phone_number,
    "twilio:DeleteIncomingPhoneNumber": numbers.delete_incoming_phone_number,
    "twilio:ListCustomerProfile": profiles.list_customer_profile,
    "twilio:CreateCustomerProfile": profiles.create_customer_profile,
    "twilio:FetchCustomerProfile": profiles.fetch_customer_profile,
    "twilio:UpdateCustomerProfile": profiles.update_customer_profile,
    "twilio:DeleteCustomerProfile": profiles.delete_customer_profile,
    f"twilio:List{_ASSIGNMENT}": assignments.list_assignment,
    f"twilio:Create{_ASSIGNMENT}": assignments.create_assignment,
    f"twilio:Fetch{_ASSIGNMENT}": assignments.fetch_assignment,
    f"twilio:Delete{_ASSIGNMENT}": assignments.delete_assignment,
}
