"""Addresses of the people of the desk."""

from django.urls import path

from phones.views.people import invitations, page

urlpatterns = [
    path("people/", page.people, name="people"),
    path("people/new/", invitations.new_person, name="person-new"),
    path("people/<int:pk>/", page.person, name="person"),
    path("people/<int:pk>/invite/", invitations.invite, name="person-invite"),
    path("people/<int:pk>/withdraw/", invitations.withdraw, name="person-withdraw"),
]
