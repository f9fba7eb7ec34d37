"""Meta's webhook events: taken in, kept, understood and applied. Which pages show them is in `phones.views`.

Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview
"""
