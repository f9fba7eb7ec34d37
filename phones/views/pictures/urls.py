"""Addresses of pictures of a book."""

from django.urls import path

from phones.views.pictures import book

urlpatterns = [
    path("book/", book.over_time, name="book-over-time"),
]
