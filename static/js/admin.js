/* The admin's dropdowns speak Chinese: Unfold starts Select2 without its language file. */
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const select2 = window.django && window.django.jQuery && window.django.jQuery.fn.select2;
  if (!select2) return;
  const words = {
    noResults: () => "没有找到",
    searching: () => "正在查找…",
    loadingMore: () => "正在载入更多…",
    errorLoading: () => "没有载入成功，请重试",
    inputTooShort: () => "请再输入几个字",
    inputTooLong: () => "输入的内容太长",
    maximumSelected: () => "已选满",
    removeAllItems: () => "全部清除",
    removeItem: () => "清除",
  };
  select2.defaults.set("language", words);
});
