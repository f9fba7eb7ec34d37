"""Addresses of pictures of a book."""

from django.urls import path

from phones.views.pictures import book, tokens

urlpatterns = [
    path("book/", book.over_time, name="book-over-time"),
    path("tokens/", tokens.tokens, name="tokens"),
]
